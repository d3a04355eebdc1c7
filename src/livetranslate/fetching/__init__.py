"""What lies behind the door of `fetch`: the rules for URLs and addresses, and data URLs."""
