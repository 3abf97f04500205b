"""Why a model fails elsewhere: the failure taken apart, and a table of rules that know it."""
