"""From a decided plan to signed vouchers: the decision, the drafts, what really moved. See docs.md."""
