^XA
^FX A handling unit with a number of the house, on a label of 100 x 50 mm or larger. Fields: unit, bars, text. ^FS
^CI28
^PW{100mm}
^LL{50mm}
^LH0,0
^FO{5mm},{4mm}^A0N,{5mm},{4.5mm}^FB{90mm},1,0,L,0^FH^FD{text}^FS
^FO{10mm},{11mm}^BY{0.3mm}^BCN,{24mm},N,N,N,N^FH^FD{bars}^FS
^FO{10mm},{38mm}^A0N,{8mm},{7mm}^FH^FD{unit}^FS
^XZ
