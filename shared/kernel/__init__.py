"""Words that all four services speak: ids, time, languages, names, errors."""
