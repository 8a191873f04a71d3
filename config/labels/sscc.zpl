^XA
^FX A handling unit with its SSCC, on a label of 100 x 70 mm or larger. Fields: unit, bars, text. ^FS
^CI28
^PW{100mm}
^LL{70mm}
^LH0,0
^FO{5mm},{5mm}^A0N,{4mm},{3.5mm}^FDSSCC^FS
^FO{5mm},{10mm}^A0N,{7mm},{6mm}^FH^FD{unit}^FS
^FO{5mm},{19mm}^A0N,{5mm},{4.5mm}^FB{90mm},1,0,L,0^FH^FD{text}^FS
^FO{10mm},{28mm}^BY{0.38mm}^BCN,{32mm},N,N,N,N^FH^FD{bars}^FS
^FO{10mm},{62mm}^A0N,{5mm},{4.5mm}^FH^FD{unit}^FS
^XZ
