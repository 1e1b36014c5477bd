package detect

// AllAsked asks every rule, whatever the connection shows.
func AllAsked(c *Case) []Finding {
	var d Detector
	d.take(*c)
	return d.all(^Signs(0))
}

// Asked returns how many rules All asks about c.
func Asked(c *Case) int {
	c.look()
	n := 0
	for _, each := range needs {
		if each.signs&^c.signs == 0 {
			n++
		}
	}
	return n
}
