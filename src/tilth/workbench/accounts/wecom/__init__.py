"""Signing in by 企业微信, as an app that a company builds for itself.

Documented at https://developer.work.weixin.qq.com/document/path/98151 (the page to sign in), 91039 (the app's token) and 98176 (who has signed in).
"""
