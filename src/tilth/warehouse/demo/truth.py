"""The known truth of the demo brand: every parameter that its rows are generated from, in one place.

Later checks (attribution, media mix, churn, experiments, practical exams) are judged against these numbers. The formulas are in
:mod:`tilth.warehouse.demo.formulas`; the generator calls exactly those. Money is in yuan; a "logit" is added to the log odds of a
chance. Beside every parameter stands what it means and in which unit. Rates a day, counts, budgets and half-saturation points are for a
brand of ``REFERENCE_PEOPLE`` people and scale with the number asked for.

>>> Truth().experiment("one_page_checkout").effect
0.3
>>> [c.code for c in Truth().channels if c.budget][:2]
['douyin', 'xiaohongshu']
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from tilth.errors import UnknownName
from tilth.language import _

REFERENCE_PEOPLE = 20_000


@dataclass(frozen=True)
class Channel:
    """A channel people come by. Truth for media mix, attribution, channel quality and acquisition cost.

    New people of channel c on day t are a Poisson stream of rate
    λ_ct = scale · season_t · (base + β · h(a_ct)), a_ct = x_ct + θ · a_c,t-1, h(a) = a^s / (a^s + k^s), with spend x.
    The stream is conditioned on the number of people asked for; ``scale`` is in the answers (table "media").
    """

    code: Annotated[str, "The value of the `channel` columns"]
    base: Annotated[float, "New people a day without any spend"] = 0.0
    budget: Annotated[float, "Mean spend in yuan a day while advertising; 0 for a channel that is not paid"] = 0.0
    cpm: Annotated[float, "Yuan for a thousand impressions"] = 0.0
    ctr: Annotated[float, "Clicks per impression"] = 0.0
    carry_over: Annotated[float, "θ: share of yesterday's advertising still at work today"] = 0.0
    half: Annotated[float, "k: adstock in yuan at which half of β is reached"] = 1.0
    slope: Annotated[float, "s: steepness of saturation"] = 1.0
    reach: Annotated[float, "β: new people a day when saturated"] = 0.0
    sign_up: Annotated[float, "Logit added to signing up in the first session"] = 0.0
    quality: Annotated[float, "Logit added to paying at a checkout, for people the channel brought"] = 0.0
    hazard: Annotated[float, "m: hazard ratio of churn for people the channel brought"] = 1.0
    touch: Annotated[float, "Share of later sessions that enter by it, a paid channel only on days with spend; the rest is direct"] = 0.0
    lift: Annotated[float, "δ: logit of paying that each session entered by it in the days before a checkout adds"] = 0.0


CHANNELS = (
    Channel("douyin", 0.3, 900, 28, 0.020, 0.45, 2000, 1.3, 13, 0.0, -0.15, 1.25, 0.060, 0.18),
    Channel("xiaohongshu", 0.5, 450, 35, 0.024, 0.65, 1600, 1.1, 8, 0.1, 0.10, 0.95, 0.040, 0.30),
    Channel("wechat_moments", 0.2, 500, 45, 0.016, 0.35, 900, 1.5, 6, 0.1, 0.0, 1.05, 0.030, 0.12),
    Channel("baidu_search", 0.3, 350, 60, 0.045, 0.10, 450, 1.0, 6, 0.2, 0.20, 1.0, 0.040, 0.40),
    Channel("tmall", 0.8, 600, 40, 0.028, 0.25, 900, 1.2, 7, 0.3, 0.25, 0.9, 0.030, 0.25),
    Channel("kuaishou", 0.2, 250, 22, 0.018, 0.40, 500, 1.4, 4, -0.2, -0.30, 1.45, 0.020, 0.05),
    Channel("mini_program", 4.0, sign_up=0.2, quality=0.10, hazard=0.85, touch=0.080, lift=0.0),
    Channel("official_account", 2.0, sign_up=0.2, quality=0.10, hazard=0.80, touch=0.060, lift=0.15),
    Channel("community", 0.8, sign_up=0.6, quality=0.30, hazard=0.65, touch=0.070, lift=0.35),
    Channel("sms", 0.1, quality=0.0, touch=0.030, lift=0.10),
    Channel("store", 3.0, sign_up=0.9, quality=0.35, hazard=0.75),
    Channel("referral", 0.0, sign_up=0.8, quality=0.20, hazard=0.80),
)


@dataclass(frozen=True)
class Festival:
    """A season of the trade. Truth for metric explanation, forecasts and media mix.

    On its days visits and new people are multiplied by 1 + (peak - 1) · u, and ``demand`` · u is added to the logit of paying, where
    u = 1, or in a rising festival u = (n / days)² on its n-th day.
    """

    code: Annotated[str, "Its name; with the year it is the campaign's code"]
    first: Annotated[tuple[int, int] | int, "First day: (month, day), or days from Spring Festival when a number"]
    last: Annotated[tuple[int, int] | int, "Last day, likewise"]
    peak: Annotated[float, "Factor on visits and new people at its height"]
    demand: Annotated[float, "Logit added to paying at its height"] = 0.0
    discount: Annotated[float, "Share taken off the price of goods on promotion"] = 0.0
    rising: Annotated[bool, "Rises to its last day rather than being level"] = False
    campaign: Annotated[bool, "The brand runs a campaign in it"] = True


FESTIVALS = (
    Festival("new_year_goods", -25, -8, 1.35, 0.20, 0.10),
    Festival("spring_festival", -2, 6, 0.60, -0.30, campaign=False),
    Festival("womens_day", (3, 1), (3, 8), 1.30, 0.15, 0.10),
    Festival("midyear_618", (5, 25), (6, 18), 2.20, 0.40, 0.15, rising=True),
    Festival("back_to_school", (8, 25), (9, 3), 1.15, 0.05, 0.05),
    Festival("national_day", (10, 1), (10, 7), 0.90, campaign=False),
    Festival("double_11", (10, 21), (11, 11), 2.80, 0.60, 0.20, rising=True),
    Festival("double_12", (12, 8), (12, 12), 1.50, 0.20, 0.10),
)
WEEKDAYS = (0.94, 0.92, 0.93, 0.96, 1.05, 1.13, 1.07)
HOURS_ONLINE = (4, 2, 1, 0.5, 0.5, 1, 3, 6, 8, 9, 10, 11, 14, 12, 9, 9, 9, 10, 12, 16, 22, 24, 18, 9)
HOURS_STORE = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 8, 9, 8, 9, 10, 10, 11, 13, 14, 11, 0, 0, 0)


@dataclass(frozen=True)
class Life:
    """Coming back, and leaving for good. Truth for retention, churn and lifetime.

    Nobody is told when a person churns; the hidden age τ* has P(τ* > τ) = S(τ) = exp(-m · (τ/σ)^κ), hazard m · κ/σ · (τ/σ)^(κ-1).
    A person with rate λ visits on a day (not the first) with chance 1 - exp(-λ · s_t) while not churned.
    """

    bounce: Annotated[float, "b: share that never comes back after the day of the first touch"] = 0.28
    scale: Annotated[float, "σ of the churn hazard, in days; m is the channel's, times an experiment's"] = 95.0
    shape: Annotated[float, "κ of the churn hazard: below 1 it falls with age"] = 0.6
    visit_mean: Annotated[float, "μ: mean over people of λ, visits a day"] = 0.20
    visit_shape: Annotated[float, "r: shape of the gamma distribution of λ"] = 0.9
    second_session: Annotated[float, "Chance of a second session on a day visited"] = 0.12
    elsewhere: Annotated[float, "Chance that a later session of a signed-up person is on any platform, not on their usual one"] = 0.30


@dataclass(frozen=True)
class SignUp:
    """Signing up. Truth for activation and the sign-up experiment."""

    first: Annotated[float, "Logit of signing up in the first session, for a channel with `sign_up` 0"] = -0.3
    later: Annotated[float, "Chance in each later session, while not yet signed up"] = 0.18


@dataclass(frozen=True)
class Buying:
    """From looking to paying. Truth for funnels, price elasticity, attribution and coupon effect.

    A viewed goods g is put in the cart with chance κ_role · (P_gt / P_g0)^ε, ε by category; a session of a signed-up person with a
    cart begins checkout with chance ``checkout``; it is paid with logit
    α + quality_channel + Σ_c δ_c · min(n_c, ``touch_cap``) + ``coupon`` (when one is offered) + demand_t + effects of experiments.
    """

    views: Annotated[float, "Mean number of goods viewed in a session beyond the first"] = 1.7
    no_views: Annotated[float, "Chance that a session views none"] = 0.14
    cart_traffic: Annotated[float, "κ of traffic items"] = 0.11
    cart_hit: Annotated[float, "κ of hits"] = 0.14
    cart_margin: Annotated[float, "κ of margin items"] = 0.07
    cart_store: Annotated[float, "Factor on κ in a store, where goods are at hand (views there leave no event)"] = 2.2
    checkout: Annotated[float, "Chance to begin checkout with something in the cart"] = 0.70
    pay: Annotated[float, "α: logit of paying"] = 0.2
    touch_days: Annotated[int, "Days before the checkout in which touches count, its own session included"] = 7
    touch_cap: Annotated[int, "Most touches of one channel that count"] = 3
    coupon: Annotated[float, "Logit that an offered coupon adds to paying"] = 0.45
    more_pieces: Annotated[float, "Mean number of further pieces of a goods in an order"] = 0.15
    favourite: Annotated[float, "Chance that a view is marked as a favourite"] = 0.04
    share: Annotated[float, "Chance that a view is shared"] = 0.015
    price_levels: Annotated[
        tuple[float, ...], "Every week each goods' price is drawn anew among these multiples of its list price, whatever else happens"
    ] = (0.85, 0.92, 1.0, 1.0, 1.08)
    anonymous: Annotated[float, "Orders a day in stores by people who show no membership"] = 6.0


@dataclass(frozen=True)
class Category:
    """A category of goods. Truth for price elasticity and refund rate."""

    code: Annotated[str, "Its name"]
    weight: Annotated[float, "Its share in views is in proportion to this"]
    elasticity: Annotated[float, "ε: percent change of the chance to be put in the cart for each percent of price"]
    refund: Annotated[float, "Chance that a paid line is refunded"]


CATEGORIES = (
    Category("tea", 1.3, -1.2, 0.03),
    Category("snacks", 1.6, -2.2, 0.02),
    Category("skincare", 1.5, -1.5, 0.06),
    Category("haircare", 1.0, -1.8, 0.04),
    Category("home", 1.0, -2.0, 0.05),
    Category("kitchen", 0.9, -1.6, 0.05),
    Category("textile", 0.8, -1.9, 0.12),
    Category("fragrance", 0.7, -1.0, 0.07),
)


@dataclass(frozen=True)
class Refunds:
    """When refunds come: a log-normal number of days after payment."""

    median: Annotated[float, "Median days"] = 5.0
    spread: Annotated[float, "Standard deviation of the log"] = 0.6
    latest: Annotated[float, "Most days"] = 30.0


@dataclass(frozen=True)
class Referral:
    """Inviting. Truth for the K-factor and the spread of referrals."""

    invite: Annotated[float, "Chance that an online session of a signed-up person sends an invitation"] = 0.06
    accept: Annotated[float, "Chance that an invitation brings a new person"] = 0.25
    delay_hours: Annotated[float, "Median hours until the invited person's first touch (log-normal, two hours more at least)"] = 8.0
    delay_spread: Annotated[float, "Standard deviation of the log of that time"] = 1.1


@dataclass(frozen=True)
class Experiment:
    """A randomised experiment, half in each variant. Truth for the readout of experiments.

    It acts on "sign_up": logit of signing up in the first session; "churn": log of the hazard ratio; "pay": logit of paying online;
    "views": log of the mean number of views beyond the first; "nothing": an A/A test. Sign-up and churn take the people whose first touch
    is in its time, the others everybody who does the thing in that time.
    """

    code: Annotated[str, "Its name in `memberships`; variants are control and treatment"]
    acts_on: Annotated[str, "What it acts on, as above"]
    effect: Annotated[float, "What the treatment adds on that scale"]
    start: Annotated[float, "Its beginning, as a share of the whole span of the brand"]
    stop: Annotated[float, "Its end, likewise"]
    lost: Annotated[float, "Share of the treatment's exposures that were never recorded (a sample ratio mismatch to be found)"] = 0.0


EXPERIMENTS = (
    Experiment("welcome_gift", "sign_up", 0.35, 0.10, 0.35),
    Experiment("one_page_checkout", "pay", 0.30, 0.40, 0.75),
    Experiment("smart_picks", "views", 0.12, 0.55, 0.80),
    Experiment("care_messages", "churn", -0.30, 0.15, 0.55),
    Experiment("button_colour", "nothing", 0.0, 0.45, 0.60),
    Experiment("new_badge", "nothing", 0.0, 0.65, 0.85, lost=0.15),
)


@dataclass(frozen=True)
class Coupons:
    """Coupons. Truth for coupon effect (`Buying.coupon`), take-up and abuse.

    A coupon is offered at the person's first online checkout within its life, the newest first, and redeemed if that is paid;
    otherwise it lapses. It takes a share off the goods.
    """

    welcome: Annotated[float, "Chance to get a welcome coupon at sign-up"] = 0.5
    welcome_off: Annotated[float, "Share that it takes off"] = 0.20
    campaign: Annotated[float, "Chance to get a campaign coupon in each online session of a campaign, once signed up"] = 0.12
    campaign_off: Annotated[float, "Share that it takes off"] = 0.10
    life_days: Annotated[int, "Days a coupon can be used"] = 14


@dataclass(frozen=True)
class Voices:
    """What customers say. Truth for NPS drivers, service and complaints.

    Score = round and clip to 0..10 of μ + Σ_d w_d · (x_d - 3) + ε, ε normal with ``noise``; each rating x_d is 1 to 5.
    """

    answer: Annotated[float, "Chance that a paid online order brings an answer to the NPS survey"] = 0.15
    centre: Annotated[float, "μ: score when every rating is 3"] = 6.6
    noise: Annotated[float, "Standard deviation of ε"] = 1.0
    quality: Annotated[float, "w of the rating of quality"] = 0.90
    delivery: Annotated[float, "w of the rating of delivery"] = 0.50
    service: Annotated[float, "w of the rating of service"] = 0.30
    price: Annotated[float, "w of the rating of price"] = 0.15
    contact: Annotated[float, "Chance that a paid online order leads to a service contact"] = 0.04
    contact_refunded: Annotated[float, "The same when some of the order is refunded"] = 0.45
    community: Annotated[float, "Chance in an online session of a signed-up person to join a community, while not in one"] = 0.015


@dataclass(frozen=True)
class Fraud:
    """Fraud of each kind. Truth for abnormal traffic and referral fraud; who and which rows it was is in the answers."""

    flooded_days: Annotated[float, "Share of the days of the flooded channel on which clicks are flooded"] = 0.06
    flood_clicks: Annotated[float, "Fake clicks on such a day, as a multiple of the real ones"] = 6.0
    flood_channel: Annotated[str, "The channel whose second placement is flooded; device farms come by it too"] = "kuaishou"
    farm_accounts: Annotated[int, "Fake accounts on device farms"] = 240
    farm_size: Annotated[int, "Accounts to one device of a farm"] = 20
    coupon_accounts: Annotated[int, "Accounts that only take the welcome coupon and buy once with it (薅羊毛)"] = 160
    rings: Annotated[int, "Self-referral rings"] = 8
    ring_size: Annotated[int, "Invited accounts in a ring, all on one device (does not scale)"] = 12
    brushers: Annotated[int, "Accounts that brush orders (刷单)"] = 60
    brushed_orders: Annotated[int, "Brushed orders in all"] = 900
    bots: Annotated[int, "Crawlers"] = 12
    bot_pages: Annotated[int, "Pages that each of them reads"] = 1500


@dataclass(frozen=True)
class Gaps:
    """What is missing in the tables without being wrong. Truth for completeness checks."""

    gender: Annotated[float, "Share of signed-up people whose gender is unknown"] = 0.08
    birth_year: Annotated[float, "Share of signed-up people whose year of birth is unknown"] = 0.15
    city: Annotated[float, "Share of online sessions whose city is unknown"] = 0.03


@dataclass(frozen=True)
class Dirt:
    """Dirty lines in the raw export of orders: the chance of each kind for a line."""

    lines: Annotated[int, "Clean lines that the export is made from, the last ones of the orders (does not scale)"] = 3000
    no_order: Annotated[float, "The order's id is missing"] = 0.004
    bad_time: Annotated[float, "The time cannot be read"] = 0.006
    negative_price: Annotated[float, "Price and amount of a sale are negative"] = 0.004
    bad_columns: Annotated[float, "A cell too many, or two too few"] = 0.004
    bad_encoding: Annotated[float, "Bytes that are no UTF-8"] = 0.003
    duplicate: Annotated[float, "The line stands twice"] = 0.006


@dataclass(frozen=True)
class Truth:
    """All parameters together. One of another value: ``Truth(life=Life(bounce=0.4))``."""

    channels: Annotated[tuple[Channel, ...], "Where people come from; store, referral, mini_program and tmall have to be among them"] = CHANNELS
    festivals: Annotated[tuple[Festival, ...], "The seasons of the trade"] = FESTIVALS
    weekday: Annotated[tuple[float, ...], "Factors on visits and new people, from Monday on"] = WEEKDAYS
    hours_online: Annotated[tuple[float, ...], "Weight of each hour of the day for the start of a session online"] = HOURS_ONLINE
    hours_store: Annotated[tuple[float, ...], "The same in a store; nothing outside 10 to 20, an hour before it closes"] = HOURS_STORE
    categories: Annotated[tuple[Category, ...], "Categories of the goods sold"] = CATEGORIES
    experiments: Annotated[tuple[Experiment, ...], "Experiments that were run"] = EXPERIMENTS
    life: Life = field(default_factory=Life)
    sign_up: SignUp = field(default_factory=SignUp)
    buying: Buying = field(default_factory=Buying)
    refunds: Refunds = field(default_factory=Refunds)
    referral: Referral = field(default_factory=Referral)
    coupons: Coupons = field(default_factory=Coupons)
    voices: Voices = field(default_factory=Voices)
    fraud: Fraud = field(default_factory=Fraud)
    gaps: Gaps = field(default_factory=Gaps)
    dirt: Dirt = field(default_factory=Dirt)

    def channel(self, code: str) -> Channel:
        """Return the channel of that code."""
        return self.channels[self.place(code)]

    def place(self, code: str) -> int:
        """Return which of the channels has that code, from 0; UnknownName when none has."""
        codes = [c.code for c in self.channels]
        if code not in codes:
            raise UnknownName(_("channel"), code, codes)
        return codes.index(code)

    def experiment(self, code: str) -> Experiment:
        """Return the experiment of that code."""
        for experiment in self.experiments:
            if experiment.code == code:
                return experiment
        raise UnknownName(_("experiment"), code, [e.code for e in self.experiments])
