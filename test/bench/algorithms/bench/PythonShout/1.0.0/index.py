"""The work that every Python contender does, the same as bench/Shout: little, so that what is measured is the way to it."""


def apply(text):
    if isinstance(text, list):
        return [item.upper() for item in text]
    return text.upper()
