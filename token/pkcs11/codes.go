package pkcs11

import "sealdesk/token"

// code is a CK_RV that the driver acts upon.
type code uint32

// The return values that we name (PKCS#11 2.40, 5.1). All others are general faults.
const (
	ckrOK                   code = 0x000
	ckrCancel               code = 0x001
	ckrHostMemory           code = 0x002
	ckrSlotIDInvalid        code = 0x003
	ckrGeneralError         code = 0x005
	ckrFunctionFailed       code = 0x006
	ckrArgumentsBad         code = 0x007
	ckrNeedThreads          code = 0x009
	ckrCantLock             code = 0x00A
	ckrAttributeSensitive   code = 0x011
	ckrAttributeTypeInvalid code = 0x012
	ckrDataInvalid          code = 0x020
	ckrDataLenRange         code = 0x021
	ckrDeviceError          code = 0x030
	ckrDeviceMemory         code = 0x031
	ckrDeviceRemoved        code = 0x032
	ckrFunctionCanceled     code = 0x050
	ckrFunctionNotSupported code = 0x054
	ckrKeyHandleInvalid     code = 0x060
	ckrKeyTypeInconsistent  code = 0x063
	ckrKeyNotPermitted      code = 0x068
	ckrMechanismInvalid     code = 0x070
	ckrMechanismParam       code = 0x071
	ckrObjectHandleInvalid  code = 0x082
	ckrOperationActive      code = 0x090
	ckrOperationNotInit     code = 0x091
	ckrPINIncorrect         code = 0x0A0
	ckrPINInvalid           code = 0x0A1
	ckrPINLenRange          code = 0x0A2
	ckrPINExpired           code = 0x0A3
	ckrPINLocked            code = 0x0A4
	ckrSessionClosed        code = 0x0B0
	ckrSessionCount         code = 0x0B1
	ckrSessionHandleInvalid code = 0x0B3
	ckrTokenNotPresent      code = 0x0E0
	ckrTokenNotRecognized   code = 0x0E1
	ckrTokenWriteProtected  code = 0x0E2
	ckrAlreadyLoggedIn      code = 0x100
	ckrNotLoggedIn          code = 0x101
	ckrPINNotInitialized    code = 0x102
	ckrUserTypeInvalid      code = 0x103
	ckrAnotherLoggedIn      code = 0x104
	ckrTooManyTypes         code = 0x105
	ckrBufferTooSmall       code = 0x150
	ckrNotInitialized       code = 0x190
	ckrAlreadyInitialized   code = 0x191
	ckrFunctionRejected     code = 0x200
)

// meaning is the name of a code, and the situation that it tells; situation nil: a general fault, never shown as a wrong PIN.
type meaning struct {
	name      string
	situation func() error
}

func is(err error) func() error { return func() error { return err } }

// pin gives a new value each time, since callers complete it.
func pin(e token.PINError) func() error {
	return func() error {
		own := e
		return &own
	}
}

// codes names every code that we know. The removal codes stand for ErrRemoved; the caller has the list of slots asked first.
var codes = map[code]meaning{
	ckrCancel:               {"CKR_CANCEL", is(token.ErrPINCancelled)},
	ckrHostMemory:           {"CKR_HOST_MEMORY", nil},
	ckrSlotIDInvalid:        {"CKR_SLOT_ID_INVALID", nil},
	ckrGeneralError:         {"CKR_GENERAL_ERROR", nil},
	ckrFunctionFailed:       {"CKR_FUNCTION_FAILED", nil},
	ckrArgumentsBad:         {"CKR_ARGUMENTS_BAD", nil},
	ckrNeedThreads:          {"CKR_NEED_TO_CREATE_THREADS", nil},
	ckrCantLock:             {"CKR_CANT_LOCK", nil},
	ckrAttributeSensitive:   {"CKR_ATTRIBUTE_SENSITIVE", nil},
	ckrAttributeTypeInvalid: {"CKR_ATTRIBUTE_TYPE_INVALID", nil},
	ckrDataInvalid:          {"CKR_DATA_INVALID", is(token.ErrUnsupported)},
	ckrDataLenRange:         {"CKR_DATA_LEN_RANGE", is(token.ErrUnsupported)},
	ckrDeviceError:          {"CKR_DEVICE_ERROR", nil},
	ckrDeviceMemory:         {"CKR_DEVICE_MEMORY", nil},
	ckrDeviceRemoved:        {"CKR_DEVICE_REMOVED", is(token.ErrRemoved)},
	ckrFunctionCanceled:     {"CKR_FUNCTION_CANCELED", is(token.ErrPINCancelled)},
	ckrFunctionNotSupported: {"CKR_FUNCTION_NOT_SUPPORTED", is(token.ErrUnsupported)},
	ckrKeyHandleInvalid:     {"CKR_KEY_HANDLE_INVALID", nil},
	ckrKeyTypeInconsistent:  {"CKR_KEY_TYPE_INCONSISTENT", is(token.ErrUnsupported)},
	ckrKeyNotPermitted:      {"CKR_KEY_FUNCTION_NOT_PERMITTED", is(token.ErrNoKey)},
	ckrMechanismInvalid:     {"CKR_MECHANISM_INVALID", is(token.ErrUnsupported)},
	ckrMechanismParam:       {"CKR_MECHANISM_PARAM_INVALID", is(token.ErrUnsupported)},
	ckrObjectHandleInvalid:  {"CKR_OBJECT_HANDLE_INVALID", nil},
	ckrOperationActive:      {"CKR_OPERATION_ACTIVE", nil},
	ckrOperationNotInit:     {"CKR_OPERATION_NOT_INITIALIZED", nil},
	ckrPINIncorrect:         {"CKR_PIN_INCORRECT", pin(token.PINError{Wrong: true})},
	ckrPINInvalid:           {"CKR_PIN_INVALID", pin(token.PINError{Length: true})},
	ckrPINLenRange:          {"CKR_PIN_LEN_RANGE", pin(token.PINError{Length: true})},
	ckrPINExpired:           {"CKR_PIN_EXPIRED", pin(token.PINError{Expired: true})},
	ckrPINLocked:            {"CKR_PIN_LOCKED", pin(token.PINError{Locked: true})},
	ckrSessionClosed:        {"CKR_SESSION_CLOSED", is(token.ErrRemoved)},
	ckrSessionCount:         {"CKR_SESSION_COUNT", nil},
	ckrSessionHandleInvalid: {"CKR_SESSION_HANDLE_INVALID", is(token.ErrRemoved)},
	ckrTokenNotPresent:      {"CKR_TOKEN_NOT_PRESENT", is(token.ErrRemoved)},
	ckrTokenNotRecognized:   {"CKR_TOKEN_NOT_RECOGNIZED", is(token.ErrRemoved)},
	ckrTokenWriteProtected:  {"CKR_TOKEN_WRITE_PROTECTED", nil},
	ckrAlreadyLoggedIn:      {"CKR_USER_ALREADY_LOGGED_IN", nil},
	ckrNotLoggedIn:          {"CKR_USER_NOT_LOGGED_IN", is(token.ErrNotLoggedIn)},
	ckrPINNotInitialized:    {"CKR_USER_PIN_NOT_INITIALIZED", pin(token.PINError{State: token.PINState{Uninitialised: true}})},
	ckrUserTypeInvalid:      {"CKR_USER_TYPE_INVALID", nil},
	ckrAnotherLoggedIn:      {"CKR_USER_ANOTHER_ALREADY_LOGGED_IN", nil},
	ckrTooManyTypes:         {"CKR_USER_TOO_MANY_TYPES", nil},
	ckrBufferTooSmall:       {"CKR_BUFFER_TOO_SMALL", nil},
	ckrNotInitialized:       {"CKR_CRYPTOKI_NOT_INITIALIZED", is(token.ErrClosed)},
	ckrAlreadyInitialized:   {"CKR_CRYPTOKI_ALREADY_INITIALIZED", nil},
	ckrFunctionRejected:     {"CKR_FUNCTION_REJECTED", is(token.ErrPINCancelled)},
}

// opError gives the error of one call, nil for CKR_OK.
func opError(op string, c code) error {
	if c == ckrOK {
		return nil
	}
	e := &token.OpError{Op: op, Code: uint32(c)}
	if m, known := codes[c]; known {
		e.Name = m.name
		if m.situation != nil {
			e.Err = m.situation()
		}
	}
	return e
}
