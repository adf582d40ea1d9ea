// Package job does what both front ends run. It is the one place that knows the order of sealing: gate, key, seal, status, place,
// PIN, documents, log-out. It asks nothing of the user but the PIN, through the callback of its Order.
package job
