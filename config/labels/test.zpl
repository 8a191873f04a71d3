^XA
^FX A label to see whether the printer prints. Fields: name, bars. ^FS
^CI28
^PW{100mm}
^LL{50mm}
^LH0,0
^FO{5mm},{5mm}^A0N,{7mm},{6mm}^FDTallyman^FS
^FO{5mm},{14mm}^A0N,{5mm},{4.5mm}^FH^FD{name}^FS
^FO{10mm},{22mm}^BY{0.3mm}^BCN,{20mm},N,N,N,N^FH^FD{bars}^FS
^XZ
