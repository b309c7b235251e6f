// Package rustedring is a broadcast event ring with lossy and lossless readers, in one process and between processes of any language.
//
// A Publisher copies events into a Ring. A Subscriber may fall behind and is then told which events it lost, by a *LaggedError; a Consumer loses none, and publishers wait for it, or are told by a
// *FullError who is in the way. Both are Readers, which copy events out in batches. NewOf, Send and Receive do the same with values in place of bytes.
//
// All of it may be used by any goroutines at any time, Close too; those who use a reader at once take turns. What waits takes a context, and notices its end, or a Close, within
// 20 milliseconds. What is not closed is closed once the garbage collector finds it; a Consumer keeps publishers waiting until then, so close it.
//
// Every event is copied: memory of the ring that could be written over is in nobody's hands, and a slice is valid however long it is kept.
package rustedring
