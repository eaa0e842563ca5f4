"""Claims: how often each verdict fell, and the numbers of the groups, against figures/claims.csv."""


def summary(rows):
    return ""


def section(check, element):
    pass
