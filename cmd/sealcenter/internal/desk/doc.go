// Package desk is the issuing desk: who may issue a seal to whom, and what may
// become of it, by 内政办字〔2018〕56号, articles 6, 8 to 11 and 17. Each change
// is recorded with who, when, why and upon which written application.
package desk
