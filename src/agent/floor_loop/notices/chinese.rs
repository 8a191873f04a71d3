//! Chinese, in simplified characters.

use super::{Notice, PrinterNotice, PrinterState, Texts};

pub(super) struct Chinese;

impl Texts for Chinese {
    fn heading(&self, notice: Notice) -> (&'static str, &'static str) {
        match notice {
            Notice::NoRoom => ("没有开始", "存储空间不够做这个任务"),
            Notice::Mistake => ("没有计数", "程序出错"),
            Notice::Full | Notice::Failed | Notice::Unreadable | Notice::Busy | Notice::SetUp(_) => {
                ("没有计数", "没有保存任何内容")
            }
        }
    }

    fn sentences(&self, notice: Notice) -> [&'static str; 2] {
        match notice {
            Notice::Full => [
                "本设备存储已满：最后一次扫描没有计数。",
                "之前的都已保存。请把设备交给班长。",
            ],
            Notice::NoRoom => [
                "本设备存储快满了，所以没有开始任务。",
                "已计数的都已保存。请换一台设备，把这台交给班长。",
            ],
            Notice::Failed => [
                "本设备存储出故障：最后一次扫描可能没有计数。",
                "请不要再用，把设备交给班长。",
            ],
            Notice::Unreadable => [
                "本设备读不出已保存的内容：最后一次扫描没有计数。",
                "请把设备交给班长。",
            ],
            Notice::Busy => ["本设备存储正忙：最后一次扫描没有计数。", "请再扫描一次。"],
            // Said in words of their own.
            Notice::SetUp(_) => ["", ""],
            Notice::Mistake => ["最后一次扫描没有计数。", "请再试；如果再次出错，请告诉班长。"],
        }
    }

    fn starting(&self) -> &'static str {
        "正在启动"
    }

    fn repetition(&self) -> &'static str {
        "同一个码同时来了两次：只计一次。"
    }

    fn printer(&self, notice: PrinterNotice) -> &'static str {
        match notice {
            PrinterNotice::Waits(PrinterState::PaperOut) => "打印机没有标签：装入后会自动继续。",
            PrinterNotice::Waits(PrinterState::RibbonOut) => "打印机没有碳带：装入后会自动继续。",
            PrinterNotice::Waits(PrinterState::HeadOpen) => "打印机盖开着：关上后会自动继续。",
            PrinterNotice::Waits(PrinterState::Paused) => "打印机已暂停：请按打印机的暂停键。",
            PrinterNotice::Waits(_) => "打印机没有响应：标签在等待。请看看它是否开机。",
            PrinterNotice::Prints => "打印机恢复打印。",
            PrinterNotice::TooMany => "等待打印的标签太多：最早的不再打印。",
            PrinterNotice::Unprintable => "标签没有打印：内容放不下。请告诉班长。",
            PrinterNotice::NoPrinter => "标签没有打印：本设备没有打印机。",
        }
    }

    fn battery(&self) -> &'static str {
        "电池快用完了：请现在更换。已计数的都已保存。"
    }

    fn silent_neighbour(&self) -> &'static str {
        "旁边的门式读写器没有应答：请扫描标签。"
    }
}
