"""The console: pages on which people look rather than read, and the verifier that runs in their browser.

What does an officer see, and who is believed? Pages are frames of words and forms: they hold no fact of the ledger. A page's script asks
the gateway's own routes, with the reader's token where the gateway is closed, so the console opens no door beside them. A verdict is shown
only after the reader's browser has verified it, against the trust bundle pinned in that browser. Everything else is marked as what the
gateway says.

Nothing comes from another address, and no script or style stands in a page: the content security policy forbids both. What a party wrote
reaches a page as text, never as markup.

*Decision*: one page for each language and name, rendered once, and ES modules without a framework or a build step. Pages rendered from the
ledger for each request would need a second way in, with cookies, beside the tokens that every other reader shows.
"""
