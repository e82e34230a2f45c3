"""Where live events arrive over HTTP: durable before they are acknowledged, then committed to the workspace's tables."""
