"""Papers kept with a document: a photo or PDF of the invoice."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from supply.core.model import Base


class Attachment(Base):
    """One paper of a document or draft; taken away only by a mark."""

    __tablename__ = "attachment"
    __table_args__ = (
        Index("attachment_document", "document_id", "id"),
        Index("attachment_draft", "draft_id", "id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"))
    document_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("document.id"))
    draft_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("draft.id", ondelete="CASCADE")
    )
    name: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    sent_sha256: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_by: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    added_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    removed_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    removed_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
