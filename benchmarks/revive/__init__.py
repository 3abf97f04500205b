"""Do old models run again after `modelenv revive`, where MLflow and uv by hand fail?"""
