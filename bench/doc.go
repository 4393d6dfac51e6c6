// Package bench measures the product as a whole beside its bare limits, in one run: `make bench` prints one table, which
// docs/performance.md explains.
//
// It owns the processes, folders and ports of its runs. It must hold nothing but benchmarks: whether something is right is
// tested beside the code. Processor time and memory are read from /proc, so most of it runs on Linux alone.
package bench
