"""What the network should say of a picture with known faces, and how far it is from that."""
import torch
import torch.nn.functional as F

from model import STRIDE, cells, decoded, overlaps

# Sides of the faces, px, that a level answers for; near them nothing is asked, and larger ones it should not see.
LEAST, MOST, TOO_LARGE = 14, 72, 95
# A cell answers for a face whose centre is this near along both axes: px, or sides of the face, whichever is more.
NEAR, NEAR_SIDES = 5.0, 0.17
# Cells a little farther off are asked nothing, px.
UNASKED = 6.0
# Of the focal loss (Lin et al. 2017).
GAMMA, NEGATIVE = 2.0, 1.5


def assigned(faces, height, width):
    """For each picture and cell: the face [n,c] it answers for, whether it answers, and whether it is asked at all.

    faces [n,k,15] as scenes.py writes them.
    """
    middle = cells(height, width, STRIDE) + STRIDE / 2
    sides = (faces[..., 3:5] - faces[..., 1:3]).clamp(min=0).prod(-1).sqrt()
    centers = (faces[..., 1:3] + faces[..., 3:5]) / 2
    away = (middle.view(1, 1, -1, 2) - centers.unsqueeze(2)).abs().amax(-1)
    near = (NEAR_SIDES * sides).clamp(min=NEAR)
    seen = faces[..., 0] > 0
    ours = seen & (sides >= LEAST) & (sides < MOST)
    nearest, which = away.masked_fill(~ours.unsqueeze(2), 1e6).min(1)
    answers = nearest <= near.gather(1, which)
    # Within doubtful faces, those of a size between, and around the centres of faces, nothing is asked.
    unclear = (faces[..., 0] < 0) | (seen & ~ours & (sides < TOO_LARGE))
    inside = (away < (sides / 2 + STRIDE).unsqueeze(2)) & unclear.unsqueeze(2)
    beside = (away < (near + UNASKED).unsqueeze(2)) & ours.unsqueeze(2)
    return which, answers, answers | ~(inside | beside).any(1)


def losses(level, faces):
    """Losses of score, box and points, each a mean over the cells that answer."""
    which, answers, asked = assigned(faces, *level.shape[2:])
    logits, boxes, points = decoded(level, STRIDE)
    chance = torch.sigmoid(logits.detach())
    weight = torch.where(answers, (1 - chance) ** GAMMA, NEGATIVE * chance ** GAMMA) * asked
    picture, cell = answers.nonzero(as_tuple=True)
    count = max(1, len(picture))
    score_loss = (weight * F.binary_cross_entropy_with_logits(logits, answers.float(), reduction="none")).sum() / count
    face = faces[picture, which[picture, cell]]
    box, wanted = boxes[picture, cell], face[:, 1:5]
    extent = (wanted[:, 2:] - wanted[:, :2]).clamp(min=1)
    # Overlap, and the edges' distances, which teach also where nothing overlaps.
    edges = distance((box - wanted) / extent.repeat(1, 2))
    box_loss = ((1 - overlaps(box, wanted)).sum() + edges) / count
    return score_loss, box_loss, distance((points[picture, cell] - face[:, 5:]) / extent.repeat(1, 5)) / count


def distance(offsets):
    return F.smooth_l1_loss(offsets, torch.zeros_like(offsets), reduction="sum", beta=0.1)
