"""What other programs than this page are shown: previews of links, search engines, home screens."""
