"""Campaigns: rubric, guidelines, pay terms, arms and their upstreams."""

from marlin.campaigns import rubric
from marlin.campaigns.assigning import AssignmentPolicy, policy_of
from marlin.campaigns.checker_rules import CHECKER_RULES, CheckerRule, Level, checker_levels
from marlin.campaigns.draw import Pair, Weights, draw_pair, parts_of
from marlin.campaigns.errors import (
    ArmsMissingError,
    CampaignClosedError,
    CampaignExistsError,
    CampaignFileError,
    CampaignNotFoundError,
    KeyMissingError,
)
from marlin.campaigns.example_briefs import require_example
from marlin.campaigns.files import parse_arm, parse_campaign
from marlin.campaigns.models import Arm, Campaign, RubricVersion, Upstream
from marlin.campaigns.queries import (
    ArmPair,
    axes_of,
    campaigns_by_image,
    current_rubric,
    current_rubric_version_id,
    draw_arms,
    find_campaign,
    get_arm,
    get_campaign,
    get_open_campaign,
    list_arms,
    list_campaigns,
    load_rubric,
    lock_campaign,
    rubric_version,
    terms_snapshot,
)
from marlin.campaigns.rubric import Answers, Axis, Problem, Rubric, Score, Verdict, default_rubric
from marlin.campaigns.schemas import ArmOut, ArmWish, CampaignPatch, CampaignWish, Lineage
from marlin.campaigns.service import add_arm, change_campaign, create_campaign, set_arm_active
from marlin.campaigns.templates import tuned_against_parent
from marlin.campaigns.upstreams import ResolvedUpstream, resolve_upstream

__all__ = [
    "CHECKER_RULES",
    "Answers",
    "Arm",
    "ArmOut",
    "ArmPair",
    "ArmWish",
    "ArmsMissingError",
    "AssignmentPolicy",
    "Axis",
    "Campaign",
    "CampaignClosedError",
    "CampaignExistsError",
    "CampaignFileError",
    "CampaignNotFoundError",
    "CampaignPatch",
    "CampaignWish",
    "CheckerRule",
    "KeyMissingError",
    "Level",
    "Lineage",
    "Pair",
    "Problem",
    "ResolvedUpstream",
    "Rubric",
    "RubricVersion",
    "Score",
    "Upstream",
    "Verdict",
    "Weights",
    "add_arm",
    "axes_of",
    "campaigns_by_image",
    "change_campaign",
    "checker_levels",
    "create_campaign",
    "current_rubric",
    "current_rubric_version_id",
    "default_rubric",
    "draw_arms",
    "draw_pair",
    "find_campaign",
    "get_arm",
    "get_campaign",
    "get_open_campaign",
    "list_arms",
    "list_campaigns",
    "load_rubric",
    "lock_campaign",
    "parse_arm",
    "parse_campaign",
    "parts_of",
    "policy_of",
    "require_example",
    "resolve_upstream",
    "rubric",
    "rubric_version",
    "set_arm_active",
    "terms_snapshot",
    "tuned_against_parent",
]
