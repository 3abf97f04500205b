"""The accuracy benchmark: does what a tool captured run the model elsewhere?"""
