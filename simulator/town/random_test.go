package town

import (
	"fmt"
	"math/rand/v2"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 99)) }

// number makes the ith number whose last three digits mean nothing.
func number(i int) string { return fmt.Sprintf("1380%04d%03d", i/100, 800+i%100) }
