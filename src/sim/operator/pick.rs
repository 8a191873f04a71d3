//! Picking: place by place, piece by piece, into a tote.

use crate::operator::{Act, Answer, Mistake, Operator, WorkError};
use crate::warehouse::{Order, OrderLine, Warehouse};

/// The mistakes that can be made between the shelves.
const MISTAKES: [Mistake; 7] = [
    Mistake::WrongItem,
    Mistake::WrongPlace,
    Mistake::Misread,
    Mistake::Bounce,
    Mistake::Undo,
    Mistake::BareLabel,
    Mistake::Short,
];

impl Operator {
    /// Works an order to its end.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn pick(&mut self, warehouse: &Warehouse, order: &Order) -> Result<(), WorkError> {
        self.begin_order(order).await?;
        let mistakes = Mistake::deal(&mut self.chance, &MISTAKES, order.lines.len());
        for (line, mistake) in order.lines.iter().zip(mistakes) {
            self.pick_line(warehouse, line, mistake).await?;
        }
        self.press(&["done"], Answer::Accept(1)).await
    }

    /// Works the first lines of an order without a mistake, and leaves it open.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn pick_some(
        &mut self,
        warehouse: &Warehouse,
        order: &Order,
        lines: usize,
    ) -> Result<(), WorkError> {
        for line in order.lines.iter().take(lines) {
            self.pick_line(warehouse, line, None).await?;
        }
        Ok(())
    }

    /// Opens an order and takes its tote.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn begin_order(&mut self, order: &Order) -> Result<(), WorkError> {
        self.open(&order.reference).await?;
        self.scan(&format!("]C0{}", order.tote), Answer::Go).await
    }

    /// The same, where another device holds the order's task.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn begin_held_order(&mut self, order: &Order) -> Result<(), WorkError> {
        self.open_held(&order.reference).await?;
        self.scan(&format!("]C0{}", order.tote), Answer::Go).await
    }

    async fn pick_line(
        &mut self,
        warehouse: &Warehouse,
        line: &OrderLine,
        mistake: Option<Mistake>,
    ) -> Result<(), WorkError> {
        self.next_line().await;
        self.record.lines += 1;
        let bin = &warehouse.bins[line.bin];
        let article = warehouse.article_in(line.bin);
        let label = article.piece_label(bin.lot.as_deref(), bin.expiry);
        self.screen_names(&bin.location)?;
        if mistake == Some(Mistake::WrongPlace) {
            let other = warehouse.bins.iter().find(|other| other.location != bin.location);
            let other = other.map(|other| other.location.as_str()).unwrap_or("A-99-99");
            self.scan(&format!("]C0LOC-{other}"), Answer::Reject).await?;
        }
        self.scan(&format!("]C0LOC-{}", bin.location), Answer::Go).await?;
        self.screen_names(article.number)?;
        let mut pieces = line.pieces;
        if let Some(mistake) = mistake {
            *self.record.mistakes.entry(mistake).or_default() += 1;
        }
        match mistake {
            Some(Mistake::WrongItem) => {
                let stranger = warehouse
                    .articles
                    .iter()
                    .find(|other| other.number != article.number);
                if let Some(stranger) = stranger {
                    self.scan(&stranger.ean(), Answer::Reject).await?;
                }
            }
            Some(Mistake::Misread) => self.scan(&article.misread(), Answer::Reject).await?,
            Some(Mistake::BareLabel) => self.ask_and_leave(article).await?,
            Some(Mistake::Bounce) => {
                self.scan_with_bounce(&label, Answer::Accept(1)).await?;
                pieces -= 1;
            }
            Some(Mistake::Undo) => {
                self.scan_piece(&label).await?;
                self.press(&["undo"], Answer::Accept(1)).await?;
            }
            Some(Mistake::Short) => {
                self.press(&["short"], Answer::Ask).await?;
                self.press(&["1"], Answer::Accept(1)).await?;
                return Ok(());
            }
            Some(Mistake::WrongPlace | Mistake::UnknownCode) | None => {}
        }
        for _ in 0..pieces {
            self.scan_piece(&label).await?;
        }
        self.record.moved(Act::Picked, article.number, line.pieces.into());
        Ok(())
    }
}
