"""The demo album: real photos that published packages ship."""
