"""Documents as bytes; the libraries that set them are imported in the process that does it."""

from services.registry.domain.certificates import Statement


def certificate_file(statement: Statement, made_at: str) -> bytes:
    """The certificate as PDF. Takes CPU, so it belongs into a process of its own."""
    from services.registry.exports.pdf import write_pdf

    return write_pdf(statement, made_at)
