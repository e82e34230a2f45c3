"""The codes in the demo brand's tables, with what they are called in Chinese and English.

>>> NAMES["channel"]["douyin"]
Name(zh='抖音广告', en='Douyin ads')
"""

from __future__ import annotations

from typing import NamedTuple

BRAND = "禾间生活"


class Name(NamedTuple):
    """What a code is called, to show to people."""

    zh: str
    en: str


EVENTS = {
    "ad_click": Name("点击广告", "Ad click"),
    "app_open": Name("打开", "Open"),
    "accept_invite": Name("接受邀请", "Accept invitation"),
    "sign_up": Name("注册", "Sign up"),
    "receive_coupon": Name("领取优惠券", "Receive coupon"),
    "view_home": Name("浏览首页", "View home page"),
    "search": Name("搜索", "Search"),
    "view_goods": Name("浏览商品", "View goods"),
    "favourite": Name("收藏", "Favourite"),
    "share": Name("分享", "Share"),
    "add_to_cart": Name("加入购物车", "Add to cart"),
    "begin_checkout": Name("提交订单", "Begin checkout"),
    "redeem_coupon": Name("核销优惠券", "Redeem coupon"),
    "pay": Name("支付", "Pay"),
    "refund": Name("退款", "Refund"),
    "invite": Name("邀请好友", "Invite"),
    "join_community": Name("加入社群", "Join community"),
    "store_visit": Name("到店", "Visit store"),
    "nps_answer": Name("回答净推荐值问卷", "Answer NPS survey"),
    "service_contact": Name("联系客服", "Contact service"),
}
VISITS = ("app_open", "store_visit")
"""The events that begin a session: who has one on a day was active that day."""

PLATFORMS = {
    "app": Name("App", "App"),
    "mini_program": Name("小程序", "Mini program"),
    "web": Name("网站", "Web"),
    "store": Name("门店", "Store"),
}

CHANNELS = {
    "douyin": Name("抖音广告", "Douyin ads"),
    "xiaohongshu": Name("小红书种草", "Xiaohongshu"),
    "wechat_moments": Name("微信朋友圈广告", "WeChat Moments ads"),
    "baidu_search": Name("百度搜索", "Baidu search ads"),
    "tmall": Name("天猫", "Tmall"),
    "kuaishou": Name("快手广告", "Kuaishou ads"),
    "mini_program": Name("小程序自然流量", "Mini program, organic"),
    "official_account": Name("公众号", "Official account"),
    "community": Name("社群", "Community"),
    "sms": Name("短信", "Text message"),
    "store": Name("门店", "Store"),
    "referral": Name("老带新", "Referral"),
    "direct": Name("直接访问", "Direct"),
}

CAMPAIGNS = {
    "new_year_goods": Name("年货节", "New Year goods"),
    "spring_festival": Name("春节", "Spring Festival"),
    "womens_day": Name("女神节", "Women's Day"),
    "midyear_618": Name("618 年中大促", "618 midyear sale"),
    "back_to_school": Name("开学季", "Back to school"),
    "national_day": Name("国庆黄金周", "National Day week"),
    "double_11": Name("双11", "Double 11"),
    "double_12": Name("双12", "Double 12"),
}

CATEGORIES = {
    "tea": Name("茶饮", "Tea"),
    "snacks": Name("零食", "Snacks"),
    "skincare": Name("护肤", "Skin care"),
    "haircare": Name("洗护", "Hair and body"),
    "home": Name("家居", "Home"),
    "kitchen": Name("厨房", "Kitchen"),
    "textile": Name("家纺", "Textiles"),
    "fragrance": Name("香氛", "Fragrance"),
}

ROLES = {
    "traffic": Name("引流品", "Traffic item"),
    "hit": Name("爆款", "Hit"),
    "margin": Name("利润品", "Margin item"),
}

EXPERIMENTS = {
    "welcome_gift": Name("新人礼", "Welcome gift"),
    "one_page_checkout": Name("一页结算", "One-page checkout"),
    "smart_picks": Name("猜你喜欢", "Smart picks"),
    "care_messages": Name("关怀消息", "Care messages"),
    "button_colour": Name("按钮颜色（A/A）", "Button colour (A/A)"),
    "new_badge": Name("新品角标（漏记曝光）", "New badge (lost exposures)"),
}

COUPONS = {
    "welcome": Name("新人券", "Welcome coupon"),
    "campaign": Name("活动券", "Campaign coupon"),
}

STATUSES = {
    "paid": Name("已支付", "Paid"),
    "refunded": Name("已退款", "Refunded"),
}

TIERS = {
    "regular": Name("普通会员", "Regular"),
    "silver": Name("银卡会员", "Silver"),
    "gold": Name("金卡会员", "Gold"),
}

PLACEMENTS = {
    "feed": Name("信息流", "Feed"),
    "search_result": Name("搜索结果", "Search result"),
}

VARIANTS = {
    "control": Name("对照组", "Control"),
    "treatment": Name("实验组", "Treatment"),
}

FRAUD = {
    "click_flooding": Name("点击泛滥", "Click flooding"),
    "device_farm": Name("设备农场假账号", "Device farm"),
    "coupon_abuse": Name("薅羊毛", "Coupon abuse"),
    "self_referral": Name("自邀环", "Self-referral ring"),
    "order_brushing": Name("刷单", "Order brushing"),
    "bot": Name("爬虫流量", "Bot traffic"),
}

TOPICS = {
    "delivery": Name("物流", "Delivery"),
    "quality": Name("质量", "Quality"),
    "refund": Name("退款", "Refund"),
    "invoice": Name("发票", "Invoice"),
    "usage": Name("使用方法", "How to use"),
}

SHARED = {
    "wechat_friend": Name("微信好友", "WeChat friend"),
    "wechat_moments": Name("朋友圈", "WeChat Moments"),
}

PROPERTIES = {
    "keyword": Name("搜索词", "Search words"),
    "to": Name("分享到", "Shared to"),
    "topic": Name("咨询主题", "Topic"),
    "wait_seconds": Name("等待秒数", "Seconds waited"),
    "resolved": Name("已解决", "Resolved"),
    "csat": Name("满意度", "Satisfaction"),
    "effort": Name("费力度", "Effort"),
    "comment": Name("留言", "Comment"),
    "os": Name("操作系统", "Operating system"),
    "app_version": Name("应用版本", "App version"),
    "user_agent": Name("浏览器标识", "User agent"),
}

COMMENTS = {
    "promoter": ("质量很好，会推荐给朋友", "包装精致，送礼合适", "一直在用，很放心", "性价比高，回购多次", "客服耐心，体验很好"),
    "passive": ("还可以，中规中矩", "东西不错，物流一般", "比预期稍差一点", "价格再低些就好了"),
    "detractor": ("等了太久才发货", "和图片有差距，失望", "客服一直没有回复", "收到时包装破损", "不会再买了"),
}

NAMES: dict[str, dict[str, Name]] = {
    "event": EVENTS,
    "platform": PLATFORMS,
    "channel": CHANNELS,
    "campaign": CAMPAIGNS,
    "category": CATEGORIES,
    "role": ROLES,
    "experiment": EXPERIMENTS,
    "coupon": COUPONS,
    "status": STATUSES,
    "tier": TIERS,
    "placement": PLACEMENTS,
    "variant": VARIANTS,
    "fraud": FRAUD,
    "topic": TOPICS,
    "shared": SHARED,
    "property": PROPERTIES,
}
"""Every kind of code, and under it every code with its names."""
