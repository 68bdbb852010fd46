# The rules of the tree that no compiler holds.
run cargo xtask tidy
