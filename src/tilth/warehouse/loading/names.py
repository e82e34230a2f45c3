"""What sources call the things that tables hold, in Chinese and English.

For each column of a table the names that sources use for it, the surest first. Names are compared without regard to case, spaces, signs
and what stands in brackets. A part of a longer name counts too, but less; so does a name that is spelt almost alike.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cache

_PERSON = (
    "user_id uid user userid customer_id customer member_id member buyer_id buyer client_id household_id "
    "account_id person person_id  "
    "distinct_id openid open_id unionid union_id phone mobile mobile_phone email device_id visitor_id "
    "anonymous_id cookie_id ip id user_a  "
    "external_userid 用户id 用户编号 用户 用户标识 会员id 会员编号 会员号 会员卡号 会员 买家id 买家账号 买家会员名 买家昵称 买家 客户id "
    "客户编号 客户 顾客id 顾客编号 顾客 消费者id 手机号 手机号码 手机 联系电话 会员手机号 买家手机号 "
    "客户手机号 设备id 访客id 邮箱 外部联系人id"
)
_TIME = (
    "time timestamp ts datetime event_time date created_at create_time date_time occurred_at day dt ds "
    "stat_date invoicedate invoice_date  "
    "order_date order_time ordered_at transaction_timestamp transaction_date purchase_date published_at "
    "publish_time status_published  "
    "registered_at register_time signup_date sign_up_date joined_at dt_customer created_time 时间 日期 "
    "发生时间 事件时间 操作时间 行为时间  "
    "下单时间 订单创建时间 创建时间 订单时间 下单日期 订单日期 交易时间 成交时间 支付时间 付款时间 "
    "订单付款时间 买家付款时间 付款日期 消费时间  "
    "购买时间 统计日期 统计时间 数据日期 日期时间 发布时间 发布日期 注册时间 注册日期 入会时间 添加时间 "
    "登记时间 start_time begin_time 开始时间"
)
_CHANNEL = "channel source utm_source medium media traffic_source 渠道 来源 来源渠道 渠道名称 流量来源 媒体 推广渠道 订单来源 投放渠道 用户来源"
_CAMPAIGN = (
    "campaign campaign_name campaign_id utm_campaign 活动 活动名称 活动id 计划 计划名称 推广计划 广告计划 广告计划名称 广告组 推广计划名称 营销活动"
)
_PLATFORM = "platform terminal device_type client os app_platform 平台 终端 端 客户端 设备类型"
_CITY = "city 城市 所在城市 收货人城市 收货城市 地级市"
_PRODUCT = (
    "product product_id sku sku_id item_id item goods_id goods stock_code stockcode spu spu_id article upc "
    "product_code goods_code 商品 商品id  "
    "商品编号 商品编码 商品代码 货号 宝贝id 宝贝 sku编码 规格编码 商品名称 宝贝标题 商品标题 全部商品名称 product_name goods_name"
)
_KIND_PERSON = "person_kind id_type user_type_id 用户类型id 标识类型"

NAMES: dict[str, dict[str, str]] = {
    "events": {
        "person": _PERSON,
        "person_kind": _KIND_PERSON,
        "time": _TIME,
        "event": "event event_name event_type action action_type behavior behaviour behavior_type behaviour_type "
        "interaction activity activity_type  "
        "operation event_id 事件 事件名 事件名称 行为 行为类型 动作 操作 操作类型 事件类型",
        "channel": _CHANNEL,
        "campaign": _CAMPAIGN,
        "platform": _PLATFORM,
        "city": _CITY,
        "product": _PRODUCT,
        "value": "value amount revenue price score nps rating 金额 数值 值 分值 评分",
    },
    "orders": {
        "person": _PERSON,
        "person_kind": _KIND_PERSON,
        "time": _TIME,
        "order": "order_id order order_no orderno order_number invoice_no invoiceno invoice invoice_id transaction_id "
        "basket_id trade_no receipt_no  "
        "bill_no 订单号 订单编号 订单id 订单 主订单编号 交易号 单号 小票号 流水号 交易编号 销售单号",
        "product": _PRODUCT,
        "quantity": "quantity qty units pieces count number number_of_items number_of_cds 数量 件数 购买数量 商品数量 销售数量 "
        "宝贝数量 订购数量 商品件数",
        "price": "price unit_price unitprice item_price 单价 商品单价 售价 价格 商品价格 销售单价",
        "amount": "amount paid_amount pay_amount payment actual_amount sales_value dollar_value total_amount order_amount "
        "revenue sales total line_total  "
        "order_total gmv 实付金额 实付款 买家实际支付金额 订单实付金额 实际支付金额 实收金额 支付金额 付款金额 "
        "成交金额 销售金额 销售额 交易金额  "
        "金额 订单金额 应付金额 总金额 消费金额 订单总金额 商品金额",
        "channel": _CHANNEL,
        "campaign": _CAMPAIGN,
        "shop": "shop shop_name store store_name store_id shop_id 店铺 店铺名称 门店 门店名称 归属店铺 所属店铺",
        "coupon": "coupon coupon_code coupon_id 优惠券 优惠券名称 优惠券码 优惠券码名称 优惠码 券码",
        "status": "status order_status state 订单状态 状态 交易状态",
    },
    "costs": {
        "time": _TIME,
        "channel": _CHANNEL + " account advertiser 账户 账户名称 广告主 投放账户 平台",
        "campaign": _CAMPAIGN + " ad_group 项目 项目名称",
        "placement": "placement ad_position slot 广告位 版位 投放位置 推广单元 单元 单元名称 资源位",
        "creative": "creative creative_name creative_id 创意 创意名称 素材 素材名称 创意id 素材id",
        "city": _CITY,
        "impressions": "impressions impression shows views exposure 展现 展示 展现量 展示数 展现数 曝光 曝光量 曝光数 展示次数 展示量",
        "clicks": "clicks click 点击 点击量 点击数 点击次数",
        "spend": "spend cost costs amount_spent spending 消耗 花费 消费 总花费 总消耗 费用 投放费用 推广费 现金消耗",
    },
    "people": {
        "person": _PERSON,
        "person_kind": _KIND_PERSON,
        "time": _TIME,
        "name": "name nickname real_name full_name user_name username customer_name 姓名 昵称 名称 用户名 客户名称 "
        "会员姓名 会员昵称 真实姓名 用户昵称",
        "gender": "gender sex 性别",
        "birth_year": "birth_year year_birth year_of_birth birthday birth_date birthdate 出生年 出生年份 生日 出生日期",
        "province": "province 省份 省 所在省份 收货人省份",
        "city": _CITY,
        "channel": _CHANNEL + " 注册渠道 注册来源",
        "tier": "tier level vip_level member_level membership grade 会员等级 等级 会员级别 vip等级",
        "inviter": "inviter inviter_id referrer_id invited_by 邀请人 邀请人id 推荐人 推荐人id 上级",
    },
    "identities": {
        "person": "person person_id one_id oneid user_id uid customer_id member_id 用户id 会员id 客户id 统一id",
        "time": _TIME + " linked_at bound_at bind_time 绑定时间 关联时间",
        "until": "until unbound_at end_time expired_at 解绑时间 结束时间 失效时间",
        "kind": "kind id_type identity_type id_kind identifier_type 标识类型 id类型 身份类型 账号类型",
        "value": "value identity identifier id_value 标识 标识值 id值 账号",
    },
    "memberships": {
        "person": _PERSON,
        "time": _TIME + " entered_at exposed_at 进入时间 曝光时间",
        "until": "until left_at exit_time end_time 离开时间 退出时间 结束时间",
        "kind": "kind membership_type 类型 归属类型",
        "name": "segment segment_name experiment experiment_name experiment_id group_name score_name 分群 分群名称 人群 "
        "人群名称 实验 实验名称 实验id",
        "value": "variant variant_id bucket score group 版本 实验组 分组 得分 分值 组别",
    },
    "contents": {
        "time": _TIME,
        "content": "content_id post_id article_id video_id note_id aweme_id status_id content post 内容id 作品id 视频id "
        "文章id 笔记id 帖子id 商品id 直播id",
        "account": "account account_name author 账号 账号名称 公众号 作者 发布账号",
        "platform": _PLATFORM,
        "kind": "kind type content_type status_type media_type 类型 内容类型 作品类型 体裁",
        "title": "title content_title 标题 内容标题 作品名称 作品标题 文章标题 视频标题 商品名称",
        "impressions": "impressions exposure 曝光 曝光量 曝光数 展现量 展示量 推荐量",
        "views": "views reads plays view_count read_count play_count 阅读量 阅读数 播放量 播放数 浏览量 观看数 观看人数 阅读次数 商品浏览量",
        "likes": "likes like_count num_likes 点赞 点赞数 点赞量 获赞数 赞",
        "comments": "comments comment_count num_comments 评论 评论数 评论量",
        "shares": "shares share_count num_shares forwards 分享 分享数 分享量 转发 转发数 转发量",
    },
}

REFUNDS = "refund refund_amount refunded refunded_amount 退款金额 已退款金额 订单已退款金额 退款 成功退款金额 退款总额"
TOTALS = "total total_amount order_total order_amount 总金额 订单金额 应付金额 订单总金额 应收订单金额 商品总价"
ACTIONS = frozenset(
    "pv view click cart fav favourite favorite buy purchase pay order search share like login register signup "
    "add_to_cart collect page_view  "
    "RT MT RE 浏览 点击 加购 收藏 购买 下单 支付 登录 注册 分享 搜索 关注".casefold().split()
)
PERSON_KINDS = {
    "phone": "phone mobile 手机 手机号 联系电话",
    "email": "email 邮箱",
    "openid": "openid open_id",
    "unionid": "unionid union_id",
    "device": "device 设备 imei idfa oaid",
    "anonymous": "ip cookie visitor anonymous 访客",
    "member": "member 会员",
}
# What happened, where no column says so: told by a word in the names of the columns.
IMPLIED_EVENTS = {
    "redeem_coupon": "redemption redeem 核销",
    "nps_answer": "nps 净推荐值",
    "sign_up": "register signup 注册 入会",
    "view": "path url page uri 页面",
    "pay": "pay payment 付款 支付",
}


@cache
def plain(name: str) -> str:
    """Return a name without case, spaces, signs and brackets' content.

    >>> plain("Unit Price (元)"), plain("user_ID"), plain("支付金额（元）")
    ('unitprice', 'userid', '支付金额')
    """
    bare = re.sub(r"[（(\[【].*?[)）\]】]", "", name)
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", bare.casefold())


def likeness(name: str, known: str) -> float:
    """Return how much a column's name looks like one of the `known` names: from 0 to 1.

    >>> likeness("Order ID", "order_id order") > likeness("my order id", "order_id order") > 0.5 > likeness("colour", "order_id order")
    True
    """
    own = plain(name)
    if not own:
        return 0.0
    best = 0.0
    for place, one in enumerate(_plain_names(known)):
        later = 0.2 * min(place, 50) / 50  # names given later are less sure
        if own == one:
            return 1.0 - later
        if len(one) >= (2 if one[0] > "z" else 4) and (own.endswith(one) or own.startswith(one)):
            best = max(best, 0.55 + 0.25 * len(one) / len(own) - later)
        elif len(own) >= 6 and (ratio := SequenceMatcher(None, own, one).ratio()) > 0.88:
            best = max(best, ratio - 0.2 - later)
    return best


@cache
def _plain_names(known: str) -> tuple[str, ...]:
    return tuple(plain(one) for one in known.split())
