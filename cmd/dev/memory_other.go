//go:build !linux

package main

// watchMemory gives 0: the peak is not known here.
func watchMemory(int) func() int64 { return func() int64 { return 0 } }

// resident gives 0: the memory in use is not known here.
func resident() int64 { return 0 }
