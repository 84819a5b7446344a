"""What national registers say of the identifiers they give: one module a country, loaded when needed.

Each has one function, `find_problems(identifier)`, where the identifier is the TIN without its prefix. It returns what
is wrong, in words, or nothing. Only rules with a public source are here; a country without a module has none that could
be told from a guess.
"""
