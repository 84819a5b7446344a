"""What people read: sentences and names of numbers, in English and in other languages.

Which words does a reader see? A sentence stands in English where its facts are gathered, as `words.say("sealed by {found} of {all}")`,
and a number is named by its enumeration, as `words.name(reason, Reason)`. One catalogue for each other language, under `locale`, has the
same by the English sentence, or by enumeration and name. `scripts/words` finds them all and writes the catalogues.

`words` is pure, so that every room above can take a `Words` as an argument. Only `catalogues` reads files: the edge (a command, a request)
calls it once, and hands the words down. Nothing here has a current language. What machines read is never translated.
"""
