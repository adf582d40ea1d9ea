package view

import "sealdesk/ui/state"

// saveTo asks for the folder of the sealed files, this time; seal begins the order as soon as there is one.
func (s *sealScreen) saveTo(seal bool) {
	if z := s.state.Sealing; len(z.Documents) == 0 || z.Phase != state.SealPlacing {
		return
	}
	s.env.chooseFolder(func(path string) {
		s.env.Dispatch(state.OutputChosen{Dir: path})
		if seal {
			s.env.Dispatch(state.FinishTapped{})
		}
	})
}

// SaveAs is "save as" on the screen shown: seal into a folder that is asked for, or write the report or the register to a file.
func (f *Frame) SaveAs() {
	switch f.last.Screen {
	case state.ScreenSeal:
		f.seal.saveTo(true)
	case state.ScreenVerify:
		if f.last.Verification.Judged() > 0 {
			f.verify.save()
		}
	case state.ScreenRegister:
		if len(f.last.Register.Content.Uses) > 0 {
			f.register.save()
		}
	}
}
