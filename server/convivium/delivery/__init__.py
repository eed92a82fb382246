"""How what one is told leaves this server: by push to browsers, and by mail.

Each notification has a row here for each door it goes to, written with it; an errand carries it.
The row says that it is out before it goes, so that nothing is sent twice, whoever is killed when.
"""
