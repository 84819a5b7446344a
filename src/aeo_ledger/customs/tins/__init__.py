"""What national registers say of the identifiers they give: one module a country, loaded when needed.

An identifier is the TIN without its prefix. `FORM` is the pattern of all that the register gives, and `NEEDED` says it in words.
`find_doubt(identifier)`, where a country has it, looks at an identifier of this form and says in words what makes it doubtful, such as a
wrong check digit, or nothing. Only rules with a public source are here; a country without a module has none that could be told from a
guess.
"""
