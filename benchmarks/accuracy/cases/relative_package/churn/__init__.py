from .model import Churn as Churn
