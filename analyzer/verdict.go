package analyzer

// verdict says in one sentence what became of a connection.
func verdict(c *Connection) string { return c.Teardown.String() }
