package desk

import (
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"sealdesk/pdfseal/center"
	"sealdesk/pdfseal/register"
	"sealdesk/pdfseal/register/queue"
	"sealdesk/ui/config"
	"sealdesk/ui/job"
)

// books are what the use of a seal is written into: the register of seal use and, where the settings name a centre, the centre and the
// queue of what it could not be asked.
type books struct {
	register *register.Register
	queue    *queue.Queue   // nil without a centre
	centre   *center.Client // nil without a centre
}

// openBooks opens the books of the settings. The caller closes them.
func openBooks(c config.Config, now func() time.Time, log *slog.Logger) (_ *books, err error) {
	if c.Register == "" {
		return nil, &job.Error{Key: "register.unset"}
	}
	b := &books{}
	defer func() {
		if err != nil {
			_ = b.close() // nothing was written
		}
	}()
	if b.register, err = register.Open(c.Register, register.Options{Now: now}); err != nil || !c.Center.Configured() {
		return b, err
	}
	if b.queue, err = queue.Open(filepath.Join(c.Register, register.QueueName), now); err != nil {
		return b, err
	}
	b.centre, err = c.Center.Open(now, log)
	return b, err
}

// close closes what is open, in the order opposite to that of opening.
func (b *books) close() error {
	var errs []error
	if b.centre != nil {
		b.centre.Close()
	}
	if b.queue != nil {
		errs = append(errs, b.queue.Close())
	}
	if b.register != nil {
		errs = append(errs, b.register.Close())
	}
	return errors.Join(errs...)
}
