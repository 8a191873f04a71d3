^XA
^FX Goods with a GTIN, on a label of 100 x 50 mm or larger. Fields: item, name, code, lot, expiry, bars, bars_text. ^FS
^CI28
^PW{100mm}
^LL{50mm}
^LH0,0
^FO{5mm},{4mm}^A0N,{5mm},{4.5mm}^FB{90mm},1,0,L,0^FH^FD{name}^FS
^FO{5mm},{11mm}^A0N,{4mm},{3.5mm}^FH^FD{item}  {lot}  {expiry}^FS
^FO{6mm},{18mm}^BY{0.25mm}^BCN,{20mm},N,N,N,N^FH^FD{bars}^FS
^FO{6mm},{40mm}^A0N,{4mm},{3.5mm}^FH^FD{bars_text}^FS
^XZ
