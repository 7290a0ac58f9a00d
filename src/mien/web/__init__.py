"""The album in the browser: server-rendered pages, the article's services, a JSON API. Bound to this computer."""
