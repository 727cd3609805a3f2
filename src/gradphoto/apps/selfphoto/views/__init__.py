"""The pages of the self-photograph: the person's own, what a script asks, the pictures, and the staff's."""
