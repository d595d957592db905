"""What only pages need: sentences with computed numbers, charts, drawings, widgets."""
