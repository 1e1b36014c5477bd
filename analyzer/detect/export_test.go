package detect

// AllWithoutShortcut asks every rule, whatever the connection looks like.
func AllWithoutShortcut(c *Case) []Finding { return all(c, false) }

// IsOrdinary exposes the condition of the shortcut.
func IsOrdinary(c *Case) bool { return c.ordinary() }
