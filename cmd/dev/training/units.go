package training

// unit is one sealing unit of the practice office with its custodian and UsbKey.
type unit struct {
	name, custodian string
	label           string // of the UsbKey; with the mark of a training key it has at most 32 bytes
	profile         string // vendor profile of the training UsbKey
	sealID          string
	design          Design
}

// Seals of a banner's departments bear a five-pointed star (国发〔1999〕25号, article 13). The national emblem, which a banner's
// government itself would bear, is never drawn for practice.
var practiceUnits = []unit{
	{
		name: office, custodian: "乌日娜", label: "政府办公室", profile: "sansec", sealID: "TRAINING1529990000145",
		design: Design{
			Han: office, Mongolian: "ᠦᠯᠢᠭᠡᠷ ᠬᠣᠰᠢᠭᠤᠨ\u202fᠤ ᠠᠷᠠᠳ\u202fᠤᠨ ᠵᠠᠰᠠᠭ\u202fᠤᠨ ᠣᠷᠳᠣᠨ\u202fᠤ ᠠᠯᠪᠠᠨ ᠭᠡᠷ",
			Diameter: 45, Ring: 1.3,
		},
	},
	{
		name: bureau, custodian: "李建军", label: "教育局", profile: "tass", sealID: "TRAINING1529990000242",
		design: Design{
			Han: bureau, Mongolian: "ᠦᠯᠢᠭᠡᠷ ᠬᠣᠰᠢᠭᠤᠨ\u202fᠤ ᠰᠤᠷᠭᠠᠨ ᠬᠦᠮᠦᠵᠢᠯ\u202fᠦᠨ ᠲᠣᠪᠴᠢᠶ\u180eᠠ",
			Diameter: 42, Ring: 1.2,
		},
	},
}
