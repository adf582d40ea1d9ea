// Package register keeps the register of seal use 用印登记簿: an append-only file of JSON lines in which every record carries the SM3
// digest of the one before it and its own (rule W13). Whoever deletes, changes, inserts, moves or cuts off records is found, and the
// place is named. Checkpoints signed by a UsbKey fix the whole of what stood before them.
//
// A folder holds one register:
//
//	register.jsonl   the records
//	head             number and digest of the last record, rewritten after each; shows a file that was cut
//	checkpoints/     signed statements about size and last digest
//	torn/            ends of records that a crash or a full disk has left, set aside
//	sessions/        one locked file for each process that is sealing
//	queue/           receipts still to be fetched (package queue)
//
// Use of a seal is written in this order: signing (before the key is asked), intended (the sealed file is complete under a temporary
// name, its digest is known), done (it has its name). A record that Append has acknowledged is on the disk; a process killed at any
// point leaves a register that opens, and Settle tells from the disk what became of a file that was intended.
package register
