"""The rows of countries and unions: one small module each, found by its name (see `customs.country`)."""
