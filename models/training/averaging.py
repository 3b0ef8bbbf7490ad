"""The average of the weights along a descent: what both face trainings ship."""
import torch


def follow(average, net, step, most=0.998):
    """Moves the average: it reads unseen faces better than any one step of the descent.

    `most` is how much of it stays at each step, once there have been many; at first less does.
    """
    decay = min(most, (1 + step) / (10 + step))
    with torch.no_grad():
        for held, new in zip(average.state_dict().values(), net.state_dict().values()):
            if held.dtype.is_floating_point:
                held.mul_(decay).add_(new, alpha=1 - decay)
            else:
                held.copy_(new)
