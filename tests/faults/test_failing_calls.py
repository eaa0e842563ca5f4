"""A few kills and failing calls of each kind; campaign.py does hundreds."""

import errno
import random

import pytest
from campaign import FAULTS, STUDIES, Campaign


@pytest.mark.parametrize("name", STUDIES)
def test_after_kills_and_failing_calls_a_study_has_the_rows_of_an_undisturbed_one(tmp_path, name):
    campaign = Campaign(name, tmp_path, jobs=2, dice=random.Random(5))
    campaign.kill(2)
    campaign.fault(len(FAULTS) if name == "supervised" else 1)
    assert not campaign.wrong, "\n".join(campaign.wrong)


def test_the_calls_fail_that_are_to_fail(tmp_path):
    campaign = Campaign("supervised", tmp_path, jobs=1, dice=random.Random(6))
    campaign.begin_anew()
    full = campaign.failing.environment(40, errno.ENOSPC, 1_000_000, ("write", "pwrite"))
    status, said = campaign.attempt(environment=full)
    assert status == 5 and "no room left" in said and "Free some and run the same command again" in said, said
    assert campaign.failing.said and campaign.failing.calls >= 40
