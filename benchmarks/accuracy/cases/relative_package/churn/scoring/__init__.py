from .weights import weighted as weighted
