"""The forms of the money: at the counter, handed in, from outside, on the price list, at the close."""
