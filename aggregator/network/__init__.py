"""Request -> Fetched | Unchanged | Problem: HTTP, conditional, polite, bounded, guarded; curl stays inside this folder.

web            CurlNetwork, what the rest of the house sees
pump           the thread in which curl runs, and who may begin when
hosts          how many may ask a host at once, and when it is left in peace
transfer       one request, hop by hop, until it has its answer
guard          which machines may be asked at all
origins        addresses: as HTTP wants them, and who may see our secrets
headers        what stands in headers, theirs and ours
certificates   until when a server's certificate is valid
words          what went wrong, as an admin understands it
"""

from aggregator.network.web import CurlNetwork

__all__ = ["CurlNetwork"]
